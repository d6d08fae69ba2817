#pragma once

namespace zhili {

/// Deleter of a unique_ptr to what a C library frees by a function: std::unique_ptr<BIO, Freed<BIO_free>>.
template <auto function>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    function(object);
  }
};

}  // namespace zhili
