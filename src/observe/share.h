// What makes a target another one, which machine of several takes it, and in which order they are asked. All
// of it follows from the targets alone: no position, no clock, no chance.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "src/observe/target.h"

namespace chaintier {

// Host, port, protocol and the address that was given with the name; for a file without a name, the file. Two
// targets with the same one are the same place on the network.
std::string identity_of(const Target& target);
std::string identity_of(const BadTarget& bad);  // never that of a target

struct Shard {
  std::size_t number = 1;  // 1 ... of
  std::size_t of = 1;
};

// Every identity is in exactly one of the shards, on every machine and in every version: the first eight
// octets of the identity's SHA-256, as a number, modulo `of`.
bool is_in(const Shard& shard, const std::string& identity);

// A permutation of 0 ... size-1: the order of the SHA-256 of the identities, from the ninth octet on.
// Neighbours in a list, which tend to be neighbours on the network, are not asked one after the other; the
// same targets are asked in the same order every time, however their list is sorted.
std::vector<std::size_t> scan_order(const std::vector<Target>& targets);

}  // namespace chaintier
