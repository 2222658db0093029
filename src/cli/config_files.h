// Configurations and stores on this machine, for "chaintier local".
#pragma once

#include "src/local/server_config.h"
#include "src/local/stores.h"
#include "src/local/windows_machine.h"

namespace chaintier {

// Files as they are, up to a few MiB each.
class MachineConfigFiles final : public ConfigFiles {
 public:
  std::optional<Secret> read(const std::string& path) override;
  std::vector<std::string> matching(const std::string& pattern) override;
  std::optional<std::vector<std::string>> folder(const std::string& path) override;
};

// The system's store, and those of the Java installations that are found.
std::vector<StoreContents> stores_of_this_machine();

// On Windows its certificate stores and the bindings of IIS; elsewhere nothing.
std::optional<WindowsMachine> read_windows_machine();

}  // namespace chaintier
