#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "fuse/markup.hpp"

/// Pieces of the report's page.
namespace zhili::fuse {

/// A table with a caption and row headers, in a frame that scrolls sideways where it is too wide.
class HtmlTable {
 public:
  struct Head {
    Both label;
    bool number = true;  ///< Aligned to the right.
  };
  /// The first column holds the row headers.
  HtmlTable(Both caption, std::vector<Head> head) : caption_(std::move(caption)), head_(std::move(head)) {}

  /// One cell of markup a column; a cell that begins with "style=…;" ends there and styles itself (see `heat`).
  void row(const std::vector<std::string>& cells);
  bool empty() const { return rows_ == 0; }
  size_t rows() const { return rows_; }
  /// With a box that filters the rows, for long tables; `id` must be unique then.
  std::string str(std::string_view filter_id = {}) const;

 private:
  Both caption_;
  std::vector<Head> head_;
  std::string body_;
  size_t rows_ = 0;
};

/// `percent` as markup, for cells: it may begin with "<".
std::string percent_cell(double share, int digits = 1);
/// A cell's content on a ground that is darker the larger the share.
std::string heat(double share, std::string_view markup);
/// A share as a bar behind its number.
std::string bar_cell(double share, std::string_view markup);
/// A weight as a bar to the left or right of a middle line; `most` bits fill a half.
std::string weight_bar(double bits, double most);

std::string section(std::string_view id, const Both& heading, std::string_view content);
std::string subheading(const Both& heading);
std::string paragraph(const Both& text);
/// A paragraph that stands out.
std::string callout(const Both& text);
std::string figure(std::string_view picture, const Both& caption);
std::string details(const Both& summary, std::string_view content, bool open = false);
/// A number with its label, for the top of the page.
std::string tile(const Both& label, const Both& value, const Both& note = {});

}  // namespace zhili::fuse
