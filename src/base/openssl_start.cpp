// Engines are deprecated since OpenSSL 3.0, and there is no other public way to the old decoding.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "src/base/openssl_start.h"

#include <array>

#include <openssl/crypto.h>
#include <openssl/engine.h>
#include <openssl/evp.h>

#include "src/base/openssl_handles.h"

namespace chaintier {

void start_openssl() { OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr); }

#ifdef OPENSSL_NO_ENGINE

bool decode_keys_quickly() { return false; }

#else

namespace {

constexpr std::array key_types{EVP_PKEY_RSA, EVP_PKEY_EC};

EVP_PKEY_METHOD* copy_of_method(int key_type) {
  const EVP_PKEY_METHOD* original = EVP_PKEY_meth_find(key_type);
  if (!original) return nullptr;
  int id = 0;
  int flags = 0;
  EVP_PKEY_meth_get0_info(&id, &flags, original);
  EVP_PKEY_METHOD* copy = EVP_PKEY_meth_new(id, flags);
  if (copy) EVP_PKEY_meth_copy(copy, original);
  return copy;
}

// What ENGINE_set_pkey_meths() wants: all types when `method` is null, else the method of one. The engine
// frees what it was given.
int methods(ENGINE*, EVP_PKEY_METHOD** method, const int** types, int type) {
  if (!method) {
    *types = key_types.data();
    return static_cast<int>(key_types.size());
  }
  static const std::array made{copy_of_method(key_types[0]), copy_of_method(key_types[1])};
  *method = nullptr;
  for (std::size_t i = 0; i < key_types.size(); ++i)
    if (key_types[i] == type) *method = made[i];
  return *method != nullptr;
}

}  // namespace

bool decode_keys_quickly() {
  const ErrorQueueScope errors;
  ENGINE* engine = ENGINE_new();
  if (!engine) return false;
  const bool good = ENGINE_set_id(engine, "chaintier") == 1 &&
                    ENGINE_set_name(engine, "OpenSSL's own methods, with the quick decoding of keys") == 1 &&
                    ENGINE_set_pkey_meths(engine, methods) == 1 && ENGINE_add(engine) == 1 &&
                    ENGINE_register_pkey_meths(engine) == 1;
  ENGINE_free(engine);  // the list of engines keeps its own reference, the table of methods has none
  return good;
}

#endif

}  // namespace chaintier
