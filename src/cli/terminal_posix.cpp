#include <atomic>
#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <sys/ioctl.h>
#include <unistd.h>

#include "src/cli/terminal.h"

namespace chaintier {

namespace {

// A signal handler can reach nothing but a global.
std::atomic<StopFlag*> to_stop{nullptr};

std::string said(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

extern "C" void on_interrupt(int signal_number) {
  StopFlag* stop = to_stop.load();
  if (!stop || stop->requested()) {
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
    return;
  }
  stop->request();
}

}  // namespace

bool standard_output_is_terminal() { return isatty(STDOUT_FILENO) == 1; }
bool standard_error_is_terminal() { return isatty(STDERR_FILENO) == 1; }

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

bool terminal_is_dumb() { return said("TERM") == "dumb"; }

bool terminal_has_symbols() {
  if (terminal_is_dumb() || said("TERM") == "linux") return false;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})  // the first that is set decides (POSIX 8.2)
    if (std::string locale = said(name); !locale.empty()) {
      for (char& c : locale) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    }
  return false;
}

bool terminal_takes_links() {
  if (!standard_output_is_terminal()) return false;
  const std::string term = said("TERM"), program = said("TERM_PROGRAM");
  // Multiplexers pass on only what they know, and do not say what that is.
  if (term.empty() || term == "dumb" || term == "linux" || term.starts_with("screen") ||
      term.starts_with("tmux"))
    return false;
  // GNOME's terminals since 0.50, Konsole since 20.12; the others since long ago.
  if (std::atoi(said("VTE_VERSION").c_str()) >= 5000 || std::atoi(said("KONSOLE_VERSION").c_str()) >= 201200)
    return true;
  if (!said("WT_SESSION").empty() || !said("KITTY_WINDOW_ID").empty()) return true;
  for (const char* known : {"iTerm.app", "WezTerm", "vscode", "ghostty"})
    if (program == known) return true;
  return term.find("kitty") != std::string::npos || term.starts_with("foot") || term.starts_with("alacritty");
}

void stop_on_interrupt(StopFlag& stop) {
  to_stop = &stop;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void survive_closed_pipes() { std::signal(SIGPIPE, SIG_IGN); }

void say(const std::string& sentence) { std::fprintf(stderr, "chaintier: %s\n", sentence.c_str()); }

}  // namespace chaintier
