// Lets Asio's reactor watch the sockets of c-ares. How a foreign socket is watched differs by platform,
// hence ares_sockets_posix.cpp.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>

#include <ares.h>

namespace chaintier {

class AresSockets {
 public:
  // Called with the socket in the place of what it is ready for, and ARES_SOCKET_BAD in the other: the
  // arguments of ares_process_fd.
  using Ready = std::function<void(ares_socket_t readable, ares_socket_t writable)>;

  AresSockets(boost::asio::any_io_executor executor, Ready ready);
  ~AresSockets();
  AresSockets(const AresSockets&) = delete;
  AresSockets& operator=(const AresSockets&) = delete;

  // What c-ares wants to know of its socket from now on; neither means that it is about to close it. The
  // socket stays the property of c-ares.
  void watch(ares_socket_t socket, bool read, bool write);

 private:
  struct Watched;
  void arm(const std::shared_ptr<Watched>& watched);

  boost::asio::any_io_executor executor_;
  Ready ready_;
  std::map<ares_socket_t, std::shared_ptr<Watched>> sockets_;
};

}  // namespace chaintier
