// SMTP, IMAP, POP3 and FTP: lines of text.
#include <algorithm>
#include <optional>

#include "probes/starttls_dialogues.h"

namespace chaintier {
namespace {

constexpr std::size_t longest_line =
    4096;                        // RFC 5321 4.5.3.1.5 asks for 512; greetings with long texts exist
constexpr int most_lines = 200;  // in the whole dialogue

bool is_word_of(std::string_view word, std::string_view line) {
  for (const std::string_view part : split(line, ' '))
    if (lower_ascii(part) == word) return true;
  return false;
}

// Cuts the stream into lines. A dialogue answers a line with a step, or with nothing when it needs the next
// one.
class LineDialogue : public StarttlsDialogue {
 public:
  StarttlsStep advance(ByteView received) final {
    pending_ += text_of(received);
    for (;;) {
      const auto end = pending_.find('\n');
      if (std::min(end, pending_.size()) > longest_line)
        return starttls_fail("the server sends a line without end");
      if (end == std::string::npos) return starttls_read_on();
      if (++lines_ > most_lines) return starttls_fail("the server does not come to an end of its reply");
      std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      if (auto step = on_line(line)) {
        // A server that has answered before it was asked is not in step with us, and might be anything.
        if (step->next == StarttlsStep::Next::read && !pending_.empty() && !may_speak_unasked())
          return starttls_fail("the server speaks out of turn");
        return std::move(*step);
      }
    }
  }

 protected:
  virtual std::optional<StarttlsStep> on_line(const std::string& line) = 0;
  virtual bool may_speak_unasked() const { return false; }
  StarttlsStep go() const { return starttls_go(pending_.size()); }

 private:
  std::string pending_;
  int lines_ = 0;
};

// Replies of three digits, in one line or in several ("250-" ... "250 ").
class ReplyDialogue : public LineDialogue {
 protected:
  explicit ReplyDialogue(bool free_text) : free_text_(free_text) {}

  // The whole reply; its lines without the code.
  virtual StarttlsStep on_reply(int code, const std::vector<std::string>& lines) = 0;
  virtual std::string_view protocol() const = 0;

  std::optional<StarttlsStep> on_line(const std::string& line) final {
    const bool coded =
        line.size() >= 3 &&
        std::all_of(line.begin(), line.begin() + 3, [](char c) { return c >= '0' && c <= '9'; }) &&
        (line.size() == 3 || line[3] == ' ' || line[3] == '-');
    const int code = coded ? (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0') : 0;
    const bool last = coded && (line.size() == 3 || line[3] == ' ');
    // RFC 959 4.2: between first and last line anything may stand; RFC 5321 4.2.1: every line has the code.
    const bool inside = code_ != 0 && free_text_ && (!last || code != code_);
    if (!inside && (!coded || (code_ != 0 && code != code_)))
      return starttls_fail(
          fmt::format("the server does not speak {}; it says {}", protocol(), starttls_quote(line)));
    lines_.push_back(inside && !coded ? line : line.substr(std::min<std::size_t>(4, line.size())));
    if (inside || !last) {
      if (code_ == 0) code_ = code;
      return std::nullopt;
    }
    code_ = 0;
    return on_reply(code, std::exchange(lines_, {}));
  }

  static std::string quote(int code, const std::vector<std::string>& lines) {
    return starttls_quote(fmt::format("{} {}", code, lines.front()));
  }

 private:
  bool free_text_;
  int code_ = 0;  // of the reply under way
  std::vector<std::string> lines_;
};

class Smtp final : public ReplyDialogue {  // RFC 3207
 public:
  Smtp() : ReplyDialogue(false) {}

 private:
  enum class At { greeting, hello, starttls } at_ = At::greeting;

  std::string_view protocol() const override { return "SMTP"; }

  StarttlsStep on_reply(int code, const std::vector<std::string>& lines) override {
    switch (at_) {
      case At::greeting:
        if (code != 220)
          return starttls_fail(fmt::format("the mail server refuses the connection: {}", quote(code, lines)));
        at_ = At::hello;
        return starttls_say("EHLO chaintier.invalid\r\n");
      case At::hello:
        if (code != 250)
          return starttls_fail(fmt::format("the mail server refuses EHLO: {}", quote(code, lines)));
        if (std::none_of(lines.begin() + 1, lines.end(), [](const std::string& line) {
              return lower_ascii(trimmed(line.substr(0, line.find(' ')))) == "starttls";
            }))
          return starttls_fail("the mail server does not offer STARTTLS");
        at_ = At::starttls;
        return starttls_say("STARTTLS\r\n");
      case At::starttls:
        if (code != 220)
          return starttls_fail(fmt::format("the mail server refuses STARTTLS: {}", quote(code, lines)));
        return go();
    }
    std::abort();
  }
};

class Ftp final : public ReplyDialogue {  // RFC 4217
 public:
  Ftp() : ReplyDialogue(true) {}

 private:
  bool greeted_ = false;

  std::string_view protocol() const override { return "FTP"; }

  StarttlsStep on_reply(int code, const std::vector<std::string>& lines) override {
    if (!greeted_) {
      if (code == 120) return starttls_read_on();  // "ready in nnn minutes": our deadline decides
      if (code != 220)
        return starttls_fail(fmt::format("the FTP server refuses the connection: {}", quote(code, lines)));
      greeted_ = true;
      return starttls_say("AUTH TLS\r\n");
    }
    if (code != 234)
      return starttls_fail(fmt::format("the FTP server refuses AUTH TLS: {}", quote(code, lines)));
    return go();
  }
};

class Imap final : public LineDialogue {  // RFC 3501 6.2.1
  enum class At { greeting, capability, starttls } at_ = At::greeting;
  bool offered_ = false;

  // Untagged lines may come at any time (RFC 3501 7).
  bool may_speak_unasked() const override { return true; }

  std::optional<StarttlsStep> on_line(const std::string& line) override {
    const std::string lower = lower_ascii(line);
    switch (at_) {
      case At::greeting:
        if (lower.starts_with("* preauth"))
          return starttls_fail("the IMAP server takes us as logged in already, and then allows no STARTTLS");
        if (!lower.starts_with("* ok"))
          return starttls_fail(
              fmt::format("no greeting of an IMAP server; it says {}", starttls_quote(line)));
        at_ = At::capability;
        return starttls_say("a1 CAPABILITY\r\n");
      case At::capability:
        if (lower.starts_with("* capability ") && is_word_of("starttls", lower)) offered_ = true;
        if (!lower.starts_with("a1 ")) return unfinished(line);
        if (!lower.starts_with("a1 ok") || !offered_)
          return starttls_fail("the IMAP server does not offer STARTTLS");
        at_ = At::starttls;
        return starttls_say("a2 STARTTLS\r\n");
      case At::starttls:
        if (!lower.starts_with("a2 ")) return unfinished(line);
        if (!lower.starts_with("a2 ok"))
          return starttls_fail(fmt::format("the IMAP server refuses STARTTLS: {}", starttls_quote(line)));
        return go();
    }
    std::abort();
  }

  std::optional<StarttlsStep> unfinished(const std::string& line) const {
    if (line.starts_with("* ") && !lower_ascii(line).starts_with("* bye")) return std::nullopt;
    return starttls_fail(fmt::format("the IMAP server breaks off: {}", starttls_quote(line)));
  }
};

class Pop3 final : public LineDialogue {  // RFC 2595 4
  enum class At { greeting, capa, list, stls } at_ = At::greeting;
  bool offered_ = false;

  std::optional<StarttlsStep> on_line(const std::string& line) override {
    const bool good = line.starts_with("+OK");
    switch (at_) {
      case At::greeting:
        if (!good)
          return starttls_fail(fmt::format("no greeting of a POP3 server; it says {}", starttls_quote(line)));
        at_ = At::capa;
        return starttls_say("CAPA\r\n");
      case At::capa:
        // A server from before RFC 2449 knows no CAPA, but may know STLS.
        at_ = good ? At::list : At::stls;
        return good ? std::nullopt : std::optional(starttls_say("STLS\r\n"));
      case At::list:
        if (lower_ascii(trimmed(line)) == "stls") offered_ = true;
        if (line != ".") return std::nullopt;
        if (!offered_) return starttls_fail("the POP3 server does not offer STLS");
        at_ = At::stls;
        return starttls_say("STLS\r\n");
      case At::stls:
        if (!good)
          return starttls_fail(fmt::format("the POP3 server refuses STLS: {}", starttls_quote(line)));
        return go();
    }
    std::abort();
  }
};

}  // namespace

std::unique_ptr<StarttlsDialogue> make_smtp_starttls() { return std::make_unique<Smtp>(); }
std::unique_ptr<StarttlsDialogue> make_imap_starttls() { return std::make_unique<Imap>(); }
std::unique_ptr<StarttlsDialogue> make_pop3_starttls() { return std::make_unique<Pop3>(); }
std::unique_ptr<StarttlsDialogue> make_ftp_starttls() { return std::make_unique<Ftp>(); }

}  // namespace chaintier
