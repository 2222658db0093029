// Parts of json_reader.cpp. All of them throw json_members::Wrong.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>

#include "reports/json_reader.h"

namespace chaintier {

// The member "certificates" of a report or a line.
class ReadCertificates {
 public:
  ReadCertificates(const boost::json::object& certificates, ReportReader& reader);

  const SentPtr& sent(std::string_view fingerprint) const;
  // Null when it does not parse.
  CertificatePtr parsed(std::string_view fingerprint) const;
  // One that has to parse: on a path, or in a list of what should be sent.
  CertificatePtr readable(std::string_view fingerprint) const;

 private:
  struct Entry {
    SentPtr sent;
    CertificatePtr parsed;
  };
  const Entry& at(std::string_view fingerprint) const;
  std::map<std::string, Entry, std::less<>> entries_;
};

TargetReport read_target_report(const boost::json::object& in, const ReadCertificates& certificates);
Observation read_observation_of(const boost::json::object& in, const ReadCertificates& certificates,
                                std::map<Bytes, StapleJudgement>& staples);

}  // namespace chaintier
