#include <boost/asio/posix/stream_descriptor.hpp>

#include "probes/ares_sockets.h"

namespace chaintier {

// Outlives its entry in the table while a wait is under way.
struct AresSockets::Watched {
  Watched(boost::asio::any_io_executor executor, ares_socket_t fd) : socket(fd), descriptor(executor, fd) {}

  // c-ares closes the descriptor, so it must not be closed here.
  void let_go() {
    gone = true;
    descriptor.release();
  }

  ares_socket_t socket;
  boost::asio::posix::stream_descriptor descriptor;
  bool want_read = false, want_write = false;
  bool waiting_read = false, waiting_write = false;
  bool gone = false;
};

AresSockets::AresSockets(boost::asio::any_io_executor executor, Ready ready)
    : executor_(std::move(executor)), ready_(std::move(ready)) {}

AresSockets::~AresSockets() {
  for (auto& [socket, watched] : sockets_) watched->let_go();
}

void AresSockets::watch(ares_socket_t socket, bool read, bool write) {
  auto found = sockets_.find(socket);
  if (!read && !write) {
    if (found == sockets_.end()) return;
    found->second->let_go();
    sockets_.erase(found);
    return;
  }
  if (found == sockets_.end())
    found = sockets_.emplace(socket, std::make_shared<Watched>(executor_, socket)).first;
  found->second->want_read = read;
  found->second->want_write = write;
  arm(found->second);
}

void AresSockets::arm(const std::shared_ptr<Watched>& watched) {
  using boost::asio::posix::descriptor_base;
  // `this` is used only while `gone` is false, and the destructor sets it.
  if (watched->want_read && !watched->waiting_read) {
    watched->waiting_read = true;
    watched->descriptor.async_wait(descriptor_base::wait_read,
                                   [this, watched](boost::system::error_code error) {
                                     watched->waiting_read = false;
                                     if (watched->gone || error) return;
                                     if (watched->want_read) ready_(watched->socket, ARES_SOCKET_BAD);
                                     if (!watched->gone) arm(watched);
                                   });
  }
  if (watched->want_write && !watched->waiting_write) {
    watched->waiting_write = true;
    watched->descriptor.async_wait(descriptor_base::wait_write,
                                   [this, watched](boost::system::error_code error) {
                                     watched->waiting_write = false;
                                     if (watched->gone || error) return;
                                     if (watched->want_write) ready_(ARES_SOCKET_BAD, watched->socket);
                                     if (!watched->gone) arm(watched);
                                   });
  }
}

}  // namespace chaintier
