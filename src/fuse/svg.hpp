#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fuse/markup.hpp"

namespace zhili::fuse {

/// Builds one picture. Shapes are styled by class, so that a page's style, dark mode and print reach them; a picture
/// that stands alone carries the style with it. Coordinates in pixels of the view box; a picture scales to its place.
class Svg {
 public:
  /// `id` must be unique on a page. Title and description are what a screen reader tells.
  Svg(std::string_view id, double width, double height, const Both& title, const Both& description, Language language);

  void rect(double x, double y, double width, double height, std::string_view classes, const Both& tip = {});
  void line(double x1, double y1, double x2, double y2, std::string_view classes);
  /// `d` as SVG's path data.
  void path(std::string_view d, std::string_view classes, const Both& tip = {});
  void circle(double x, double y, double radius, std::string_view classes);
  /// Plain text at a baseline; the class "end" or "middle" anchors it there.
  void text(double x, double y, std::string_view text, std::string_view classes = {});
  void label(double x, double y, const Both& label, std::string_view classes = {});
  /// <tspan>s, made by the caller.
  void markup(double x, double y, std::string_view markup, std::string_view classes = {});

  /// For a page.
  std::string inlined() const;
  /// For a file of its own.
  std::string standalone() const;

 private:
  std::string wrapped(std::string_view attributes, std::string_view style) const;
  std::string tip(const Both& label) const;

  std::string id_;
  double width_;
  double height_;
  Both title_;
  Both description_;
  Language language_;
  std::string body_;
};

/// Rules for the classes that pictures use. They take colours from the variables of `palette_css`.
std::string_view picture_css();
/// Colours as CSS variables, light and dark. `selector` is the element that they hold for.
std::string palette_css(std::string_view selector);

/// A step of 1, 2 or 5 times a power of ten that cuts `range` into at most `most` pieces.
double nice_step(double range, int most);
/// The multiples of `step` from `low` to `high`, both included.
std::vector<double> ticks_between(double low, double high, double step);

}  // namespace zhili::fuse
