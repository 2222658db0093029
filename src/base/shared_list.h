// A list whose copies share what it holds until one of them is changed.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace chaintier {

// Copying costs as much as copying a pointer; the first change of a copy costs a copy of the elements. Every
// access to a list that is not const may be a change. Safe between threads as far as std::vector is: copies
// are lists of their own.
template <class T>
class SharedList {
 public:
  using value_type = T;
  using iterator = typename std::vector<T>::iterator;
  using const_iterator = typename std::vector<T>::const_iterator;

  SharedList() = default;
  SharedList(std::vector<T> elements) : elements_(std::make_shared<std::vector<T>>(std::move(elements))) {}

  bool empty() const { return seen().empty(); }
  std::size_t size() const { return seen().size(); }
  const T& operator[](std::size_t position) const { return seen()[position]; }
  const T& at(std::size_t position) const { return seen().at(position); }
  const T& front() const { return seen().front(); }
  const T& back() const { return seen().back(); }
  const T* data() const { return seen().data(); }
  const_iterator begin() const { return seen().begin(); }
  const_iterator end() const { return seen().end(); }
  operator const std::vector<T>&() const { return seen(); }

  T& operator[](std::size_t position) { return own()[position]; }
  T& at(std::size_t position) { return own().at(position); }
  T& front() { return own().front(); }
  T& back() { return own().back(); }
  T* data() { return own().data(); }
  iterator begin() { return own().begin(); }
  iterator end() { return own().end(); }
  void push_back(T element) { own().push_back(std::move(element)); }
  void clear() { elements_.reset(); }

 private:
  const std::vector<T>& seen() const {
    static const std::vector<T> none;
    return elements_ ? *elements_ : none;
  }
  std::vector<T>& own() {
    if (!elements_ || elements_.use_count() != 1) elements_ = std::make_shared<std::vector<T>>(seen());
    // What a copy in another thread did last, before it went, was done before this change.
    std::atomic_thread_fence(std::memory_order_acquire);
    return *elements_;
  }

  std::shared_ptr<std::vector<T>> elements_;  // null when empty
};

}  // namespace chaintier
