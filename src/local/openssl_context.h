// What an Unlocker holds of OpenSSL, for .cpp files only.
#pragma once

#include "src/local/private_key.h"

struct ossl_lib_ctx_st;
struct ossl_provider_st;
struct evp_pkey_st;

namespace chaintier {

struct Unlocker::State {
  ossl_lib_ctx_st* context = nullptr;
  ossl_provider_st* standard = nullptr;
  ossl_provider_st* legacy = nullptr;  // null where it is not installed

  State();
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

// Looks at a key that OpenSSL has read; the caller keeps it.
OpenedKey look_at(evp_pkey_st* key, const Unlocker& unlocker);

}  // namespace chaintier
