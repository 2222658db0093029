// Runs one coroutine to its end on an event loop of its own.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

#include "probes/async.h"

namespace chaintier::test {

template <class T>
T run(boost::asio::io_context& io, Awaitable<T> work) {
  std::optional<T> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr error, T value) {
    failure = error;
    if (!error) result = std::move(value);
  });
  io.restart();
  while (!result && !failure) io.run_one();
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

inline void run(boost::asio::io_context& io, Awaitable<void> work) {
  std::exception_ptr failure;
  bool ended = false;
  boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr error) {
    failure = error;
    ended = true;
  });
  io.restart();
  while (!ended) io.run_one();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace chaintier::test
