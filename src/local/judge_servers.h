// What each configured certificate will do: does its key fit, which names does it cover, and what will
// clients make of the chain that the server sends.
#pragma once

#include <functional>
#include <string>

#include "src/findings/diagnose.h"
#include "src/local/local_report.h"

namespace chaintier {

// Reads a file as read_local() does; an unreadable one has the reason "cannot_open".
using LoadFile = std::function<LocalFile(const std::string& path)>;

void judge_site(ServerSite& site, const LoadFile& load, Diagnoser& diagnoser);

}  // namespace chaintier
