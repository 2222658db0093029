// TLS settings of a practice server. For the .cpp files of this folder only.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "probes/practice/cases.h"
#include "src/base/result.h"

namespace chaintier {

struct PracticeTls {
  boost::asio::ssl::context context;  // what clients get that do not name the host
  boost::asio::ssl::context named;
  std::string host;
  bool has_named = false;
};

// Sends the certificates of the plan exactly as listed, to any client from TLS 1.0 on, whatever openssl.cnf
// says. The result must outlive every connection and must not move: the context points at it.
Result<std::unique_ptr<PracticeTls>> make_practice_tls(const PracticeServer& server, const std::string& host);

}  // namespace chaintier
