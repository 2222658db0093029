#include "src/base/result.h"

#include <cstdlib>

namespace chaintier {

std::string_view id(Stage stage) {
  switch (stage) {
    case Stage::usage:
      return "usage";
    case Stage::read:
      return "read";
    case Stage::parse:
      return "parse";
    case Stage::resolve:
      return "resolve";
    case Stage::connect:
      return "connect";
    case Stage::starttls:
      return "starttls";
    case Stage::handshake:
      return "handshake";
    case Stage::write:
      return "write";
  }
  std::abort();
}

std::string_view id(Fault fault) {
  switch (fault) {
    case Fault::peer:
      return "peer";
    case Fault::network:
      return "network";
    case Fault::input:
      return "input";
    case Fault::internal:
      return "internal";
  }
  std::abort();
}

std::string_view id(Cause cause) {
  switch (cause) {
    case Cause::none:
      return "";
    case Cause::resolve:
      return "net.resolve";
    case Cause::refused:
      return "net.refused";
    case Cause::timeout:
      return "net.timeout";
    case Cause::not_tls:
      return "net.not_tls";
    case Cause::alert:
      return "net.alert";
    case Cause::reset:
      return "net.reset";
    case Cause::unreachable:
      return "net.unreachable";
    case Cause::starttls:
      return "net.starttls";
    case Cause::no_certificate:
      return "net.no_certificate";
    case Cause::limit:
      return "net.limit";
  }
  std::abort();
}

}  // namespace chaintier
