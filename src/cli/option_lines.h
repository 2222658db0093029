// The options of each command as CLI11 is told of them, with their words in --help. For options.cpp only.
#pragma once

#include "src/cli/option_values.h"

namespace CLI {
class App;
}

namespace chaintier {

// What `app` takes goes into `raw`, or directly into `command`; both must outlive the parsing.
void add_scan(CLI::App& app, Raw& raw, ScanCommand& command);
void add_inspect(CLI::App& app, Raw& raw, InspectCommand& command);
void add_diagnose(CLI::App& app, Raw& raw, DiagnoseCommand& command);
void add_merge(CLI::App& app, Raw& raw, MergeCommand& command);
void add_diff(CLI::App& app, Raw& raw, DiffCommand& command);
void add_local(CLI::App& app, Raw& raw, LocalCommand& command);
void add_fix(CLI::App& app, Raw& raw, FixCommand& command);
void add_catalogue(CLI::App& app, Raw& raw, CatalogueCommand& command);
void add_explain(CLI::App& app, Raw& raw, ExplainCommand& command);
void add_demo(CLI::App& app, Raw& raw, DemoCommand& command);

}  // namespace chaintier
