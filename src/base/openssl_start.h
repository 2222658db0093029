// What a program does with OpenSSL before it does anything else with it.
#pragma once

namespace chaintier {

// Leaves the machine's openssl.cnf unread: security levels and protocol bounds are ours, and what is seen
// must not depend on the machine. Call it first, once, from the one thread there is.
void start_openssl();

// libssl decodes the public key of every certificate that a server sends, and OpenSSL 3.0's decoders take
// some 110 us for each: more than all the cryptography of a handshake. The decoding of OpenSSL 1.1, which is
// still there and takes a tenth, is used where an engine has methods for the key's type. This registers one
// whose methods are OpenSSL's own for RSA and EC, unchanged: the same code verifies the same signatures.
//
// Keys of curves are made from then on under the names of objects ("prime256v1"), not of NIST ("P-256").
//
// False when this OpenSSL has no engines; then everything works as without, and slower. Call it once, after
// start_openssl(). It concerns the whole process.
bool decode_keys_quickly();

}  // namespace chaintier
