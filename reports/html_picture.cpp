#include <cmath>

#include "reports/html_parts.h"
#include "reports/path_graph.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

// In units of the drawing, which are CSS pixels at full size.
constexpr double node_width = 290, node_height = 118, layer_height = 164, margin = 8;
constexpr std::size_t name_columns = 31, line_columns = 40;

int left_of(const GraphNode& node) {
  return static_cast<int>(std::lround(margin + (node.x - 0.5) * node_width));
}
int top_of(const GraphNode& node) {
  return static_cast<int>(std::lround(margin + static_cast<double>(node.layer) * layer_height));
}

SafeHtml edge(const GraphNode& from, const GraphNode& to) {
  constexpr int half = static_cast<int>(node_width / 2), height = static_cast<int>(node_height);
  const int x1 = left_of(from) + half, y1 = top_of(from) + height;
  const int x2 = left_of(to) + half, y2 = top_of(to) - 3;  // the arrow head ends at the box
  const int bend = (y2 - y1) / 2;
  SafeHtml html("<path class=\"edge\" d=\"M");
  html << x1 << " " << y1 << "C" << x1 << " " << y1 + bend << " " << x2 << " " << y2 - bend << " " << x2
       << " " << y2 << "\" marker-end=\"url(#arrow)\"/>";
  return html;
}

SafeHtml line(int x, int y, Markup css, const SafeHtml& content) {
  SafeHtml html("<text class=\"");
  html << css << "\" x=\"" << x << "\" y=\"" << y << "\">" << content << "</text>";
  return html;
}

std::string source_words(const PageContext& page, const GraphNode& node) {
  std::vector<std::string> words;
  for (const Source source : {Source::served, Source::pool, Source::preloaded, Source::aia, Source::store})
    if (contains(node.from, source)) words.push_back(page.texts.word("source." + std::string(id(source))));
  if (words.empty()) words.push_back(page.texts.word("source.catalogue"));
  if (node.missing) words.insert(words.begin(), page.texts.word("label.not_sent"));
  if (!node.problems.empty())
    words.insert(words.begin(), reason_text(page.texts, std::string(id(node.problems.front()))));
  return joined(words, comma(page.report.language));
}

SafeHtml box(const PageContext& page, const GraphNode& node) {
  const int x = left_of(node), y = top_of(node);
  const Certificate& certificate = *node.certificate;
  const bool bad = !node.problems.empty();
  SafeHtml html("<g class=\"node ");
  if (contains(node.from, Source::served))
    html << "served";
  else if (contains(node.from, Source::store))
    html << "store";
  else
    html << "other";
  if (bad)
    html << " bad";
  else if (node.missing)
    html << " add";
  html << "\"><rect x=\"" << x << "\" y=\"" << y << "\" width=\"" << static_cast<int>(node_width)
       << "\" height=\"" << static_cast<int>(node_height) << "\" rx=\"10\"/>";
  const CertificateKind kind =
      node.layer == 0 ? CertificateKind::leaf : kind_of(node.certificate, *page.report.catalogue);
  const std::string until = page.texts.phrase("say.until", {{"date", format_date(certificate.not_after)}});
  // The names of this CA's certificates begin alike, so they are broken rather than cut.
  const std::string name = shorten(printable(short_name(page.texts, node.certificate)), 2 * name_columns);
  std::vector<std::string> name_lines = wrapped(name, name_columns);
  if (name_lines.size() > 2) name_lines.resize(2);
  std::vector<std::string> source_lines = wrapped(source_words(page, node), line_columns);
  if (source_lines.size() > 2)
    source_lines = {source_lines[0], shorten(source_lines[1] + " \u2026", line_columns)};
  // The lines stand in the middle of the box.
  const auto lines = static_cast<int>(name_lines.size() + source_lines.size());
  int baseline = y + 48 - 9 * (lines - 2);
  for (const std::string& part : name_lines) {
    html << line(x + 14, baseline, "name", text(part));
    baseline += 18;
  }
  baseline += 3;
  html << line(x + 14, baseline, "sub",
               text(shorten(kind_text(page.texts, kind) + " · " + until, line_columns)));
  for (const std::string& part : source_lines) {
    baseline += 18;
    html << line(x + 14, baseline, "sub", text(part));
  }
  if (bad || node.missing) {
    html << "<circle cx=\"" << x + static_cast<int>(node_width) - 2 << "\" cy=\"" << y + 2
         << "\" r=\"11\"/><text class=\"mark\" x=\"" << x + static_cast<int>(node_width) - 2 << "\" y=\""
         << y + 7 << "\">";
    if (bad)
      html << "×";
    else
      html << "+";
    html << "</text>";
  }
  html << "</g>";
  return html;
}

}  // namespace

SafeHtml path_picture(const PageContext& page, const TargetReport& target, std::size_t chain,
                      const std::vector<std::size_t>& paths) {
  const PathGraph graph = path_graph(*target.chains[chain], paths);
  const int width = static_cast<int>(std::lround(graph.width * node_width + 2 * margin + 12));
  const int height = static_cast<int>(
      std::lround(static_cast<double>(graph.layers - 1) * layer_height + node_height + 2 * margin));
  SafeHtml name;
  name << page.ids << "p" << page.number << "-" << chain;
  SafeHtml html("<svg class=\"graph\" role=\"img\" aria-labelledby=\"");
  html << name << "t " << name << "d\" viewBox=\"0 0 " << width << " " << height << "\" width=\"" << width
       << "\" height=\"" << height << "\"><title id=\"" << name << "t\">"
       << say(page, "say.picture_title",
              {{"target", shorten(printable(target.observation.target.text), 120)}})
       << "</title><desc id=\"" << name << "d\">" << word(page, "say.picture_desc") << "</desc>";
  for (const auto& [from, to] : graph.edges) html << edge(graph.nodes[from], graph.nodes[to]);
  for (const GraphNode& node : graph.nodes) html << box(page, node);
  html << "</svg>";
  return html;
}

}  // namespace chaintier
