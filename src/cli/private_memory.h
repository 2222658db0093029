// For commands that hold other people's passwords and private keys.
#pragma once

namespace chaintier {

// From now on no core file is written, and no other process of the same user can look into this one's memory
// (where the system knows such a thing). Best effort: where it cannot be had, the work goes on.
void keep_memory_private();

}  // namespace chaintier
