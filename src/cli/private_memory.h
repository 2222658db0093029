// For commands that hold other people's passwords and private keys.
#pragma once

namespace chaintier {

// From now on no core file is written, and no other process of the same user can look into this one's memory
// (where the system knows such a thing). Best effort: where it cannot be had, the work goes on.
void keep_memory_private();

// From now on OpenSSL's memory is overwritten before it is given back: its decoders leave copies of what they
// read, private keys too. For the whole process; to be called before anything else of OpenSSL.
void overwrite_freed_memory();

}  // namespace chaintier
