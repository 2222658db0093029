#include "src/catalogue/catalogue.h"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "probes/practice/pki.h"
#include "src/base/embedded.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

using File = Catalogue::File;
using Files = std::vector<File>;

const PracticePki& practice() {
  static const PracticePki pki = PracticePki::create().value();
  return pki;
}

const Catalogue& built_in() {
  static const Catalogue catalogue = Catalogue::twca();
  return catalogue;
}

// An older root, a newer one with its cross certificate, and an intermediate.
struct Family {
  TestCa older{"Older Root"}, newer{"Newer Root"}, issuing{"Issuing CA"};
  CertificatePtr older_root = root(older), newer_root = root(newer), cross = ca_certificate(newer, older),
                 intermediate = ca_certificate(issuing, newer);

  Files files() const {
    return {{"issuing.pem", to_pem(intermediate->der)},
            {"newer.crt", to_pem(newer_root->der)},
            {"newer-cross.cer", to_pem(cross->der)},
            {"older.der", std::string(text_of(older_root->der))}};
  }
};

std::string problem(const Files& files) {
  const auto result = Catalogue::from_files(files);
  return result ? "(a catalogue)" : result.error().detail;
}

}  // namespace

TEST_CASE("catalogue, built in: every certificate is what the description says") {
  const auto description = boost::json::parse(embedded_file("ca/catalogue.json")).as_object();
  std::map<std::string, boost::json::object> entries;
  for (const auto& entry : description.at("entries").as_array())
    entries.emplace(entry.at("slug").as_string().c_str(), entry.as_object());
  CHECK(entries.size() == built_in().all().size());
  CHECK(built_in().date() == description.at("date").as_string());
  CHECK(built_in().built_in());

  for (const KnownCa& ca : built_in().all()) {
    CAPTURE(ca.slug);
    REQUIRE(entries.contains(ca.slug));
    const auto& entry = entries.at(ca.slug);
    CHECK(entry.at("sha256").as_string() == ca.certificate->fingerprint.hex());
    CHECK(entry.at("role").as_string() == id(ca.role));
    CHECK(entry.at("hierarchy").as_string() == id(ca.hierarchy));
    CHECK_FALSE(ca.name.empty());
    CHECK_FALSE(ca.source.empty());
    CHECK(ca.source_date.size() == 10);
    CHECK(ca.certificate->is_ca());
    CHECK(std::ranges::all_of(ca.certificate->defects, is_tolerated));
    CHECK((ca.hierarchy == Hierarchy::none) == (ca.role != CaRole::intermediate));
    CHECK(ca.generation.empty() == (ca.role != CaRole::intermediate));
    CHECK((ca.validation == "OV" || ca.validation == "EV") == (ca.role == CaRole::intermediate));
  }
}

TEST_CASE("catalogue, built in: the roles as stated are those that the shape tells") {
  Files without_description;
  for (const EmbeddedFile& file : embedded_files())
    if (file.path.starts_with("ca/") && file.path.ends_with(".pem"))
      without_description.push_back({"x-" + std::string(file.path.substr(3)), std::string(file.content)});
  const Catalogue by_shape = Catalogue::from_files(without_description).value();
  REQUIRE(by_shape.all().size() == built_in().all().size());
  for (const KnownCa& ca : built_in().all()) {
    CAPTURE(ca.slug);
    const KnownCa* other = by_shape.find(ca.certificate->fingerprint);
    REQUIRE(other);
    CHECK(id(other->role) == id(ca.role));
  }
}

TEST_CASE("catalogue, built in: each certificate is signed by another of it, and the hierarchy follows") {
  SignatureChecker signatures;
  for (const KnownCa& ca : built_in().all()) {
    CAPTURE(ca.slug);
    const KnownCa* issuer = built_in().issuer_of(*ca.certificate, signatures);
    REQUIRE(issuer);
    CHECK(issuer->role == CaRole::root);
    if (ca.role == CaRole::root) CHECK(issuer->slug == ca.slug);
    if (ca.role == CaRole::cross) CHECK(issuer->slug != ca.slug);
    if (ca.role != CaRole::intermediate) continue;
    const bool newer = issuer->slug == "twca-cyber-root-ca.self-signed";
    CHECK(ca.hierarchy == (newer ? Hierarchy::new_hierarchy : Hierarchy::old_hierarchy));
  }
}

TEST_CASE("catalogue, built in: what the slug says of roots and cross certificates is so") {
  for (const KnownCa& ca : built_in().all()) {
    CAPTURE(ca.slug);
    CHECK(ca.slug.ends_with(".self-signed") == (ca.role == CaRole::root));
    CHECK((ca.slug.find(".by-") != std::string::npos) == (ca.role == CaRole::cross));
  }
}

TEST_CASE("catalogue, built in: finding") {
  const KnownCa* newer = built_in().find("twca-cyber-root-ca.self-signed");
  const KnownCa* cross = built_in().find("twca-cyber-root-ca.by-global-root");
  REQUIRE(newer);
  REQUIRE(cross);
  CHECK(built_in().find(newer->certificate->fingerprint) == newer);
  CHECK(built_in().find("twca-cyber-root-ca") == nullptr);
  CHECK(built_in().find(CertFingerprint{}) == nullptr);
  CHECK(built_in().twins_of(*cross->certificate) == std::vector{newer, cross});  // roots first
  CHECK(built_in().named(newer->certificate->subject) == std::vector{newer, cross});

  // Two roots of one name and serial number; the key tells them apart.
  const KnownCa* oldest = built_in().find("twca-root-ca-2008.self-signed");
  const KnownCa* namesake = built_in().find("twca-root-ca-2008-rsa4096.self-signed");
  CHECK(oldest->certificate->serial == namesake->certificate->serial);
  CHECK(built_in().named(oldest->certificate->subject).size() == 2);
  CHECK(built_in().twins_of(*oldest->certificate) == std::vector{oldest});
  SignatureChecker signatures;
  const KnownCa* by_oldest = built_in().find("twca-global-root-ca.by-root-ca-2008");
  CHECK(built_in().issuer_of(*by_oldest->certificate, signatures) == oldest);
}

TEST_CASE("catalogue: generations of one name are told apart by their key and shown with their generation") {
  SignatureChecker signatures;
  const Catalogue catalogue = Catalogue::from_files(practice().catalogue_files()).value();
  for (const char* slug :
       {"twca-secure-ssl-ca-2023", "twca-secure-ssl-ca-2023g2", "twca-secure-ssl-ca-2023g3"}) {
    PracticeLeaf wish;
    wish.dns_names = {"www.example.tw"};
    wish.issuer = slug;
    wish.not_before = day(2026, 6, 1);
    wish.not_after = day(2026, 12, 1);
    const auto leaf = parsed(practice().issue(wish).value().certificate);
    const KnownCa* issuer = catalogue.issuer_of(*leaf, signatures);
    REQUIRE(issuer);
    CHECK(issuer->slug == slug);
    CHECK(issuer->full_name().ends_with("(" + issuer->generation + ")"));
  }
}

TEST_CASE("catalogue: of any folder, by shape alone") {
  const Family family;
  const Catalogue catalogue = Catalogue::from_files(family.files()).value();
  REQUIRE(catalogue.all().size() == 4);
  CHECK(catalogue.find("older")->role == CaRole::root);
  CHECK(catalogue.find("newer")->role == CaRole::root);
  CHECK(catalogue.find("newer-cross")->role == CaRole::cross);
  CHECK(catalogue.find("issuing")->role == CaRole::intermediate);
  CHECK(catalogue.find("issuing")->name == "Issuing CA");
  CHECK(catalogue.find("issuing")->hierarchy == Hierarchy::none);
  CHECK_FALSE(catalogue.built_in());
  CHECK(catalogue.date() == "");
}

TEST_CASE("catalogue: issued to itself is not signed by itself") {
  const TestCa old_key{"Rolling CA"}, new_key{"Rolling CA"};
  const auto old_root = root(old_key);
  const auto rollover = ca_certificate(new_key, old_key);
  const Catalogue catalogue =
      Catalogue::from_files({{"old.pem", to_pem(old_root->der)}, {"new.pem", to_pem(rollover->der)}}).value();
  CHECK(catalogue.find("old")->role == CaRole::root);
  CHECK(catalogue.find("new")->role == CaRole::intermediate);
}

TEST_CASE("catalogue: several certificates in one file, the second numbered") {
  const Family family;
  const Catalogue catalogue =
      Catalogue::from_files({{"all.pem", to_pem(family.older_root->der) + to_pem(family.cross->der)}})
          .value();
  CHECK(catalogue.find("all")->certificate->fingerprint == family.older_root->fingerprint);
  CHECK(catalogue.find("all-2")->certificate->fingerprint == family.cross->fingerprint);
}

TEST_CASE("catalogue: a description adds what no shape tells, and may contradict it") {
  const Family family;
  auto files = family.files();
  files.push_back({"catalogue.json", R"({"date": "2026-01-01", "entries": [
      {"slug": "issuing", "name": "Our CA", "hierarchy": "new", "validation": "EV", "generation": "2026",
       "revoked": "us", "for_tls": false, "note": "n", "source": "s", "source_date": "2026-01-01"},
      {"slug": "older", "role": "intermediate"}]})"});
  const Catalogue catalogue = Catalogue::from_files(files).value();
  const KnownCa* issuing = catalogue.find("issuing");
  CHECK(issuing->full_name() == "Our CA (2026)");
  CHECK(issuing->hierarchy == Hierarchy::new_hierarchy);
  CHECK(issuing->validation == "EV");
  CHECK(issuing->revoked == "us");
  CHECK_FALSE(issuing->for_tls);
  CHECK(catalogue.find("older")->role == CaRole::intermediate);
  CHECK(catalogue.date() == "2026-01-01");
}

TEST_CASE("catalogue: a folder with the slugs of the built-in one is a copy of its structure") {
  Files files;
  for (const File& file : practice().catalogue_files())
    if (file.name != "catalogue.json") files.push_back(file);
  const Catalogue copy = Catalogue::from_files(files).value();
  REQUIRE(copy.all().size() == built_in().all().size());
  for (const KnownCa& ca : copy.all()) {
    CAPTURE(ca.slug);
    const KnownCa* model = built_in().find(ca.slug);
    REQUIRE(model);
    CHECK(ca.hierarchy == model->hierarchy);
    CHECK(ca.generation == model->generation);
    CHECK(ca.revoked == model->revoked);
    CHECK(id(ca.role) == id(model->role));
    CHECK(ca.source == "");  // the source is that of TWCA's certificate, not of this one
    CHECK(ca.name.starts_with(ca.certificate->subject.short_text()));
    CHECK(ca.certificate->fingerprint != model->certificate->fingerprint);
  }
}

TEST_CASE("catalogue: what cannot be used is refused with the name of the file") {
  const Family family;
  const auto with = [&](std::string name, std::string content) {
    auto files = family.files();
    files.push_back({std::move(name), std::move(content)});
    return problem(files);
  };
  CHECK(with("key.pem", to_pem(Bytes(9, 1), "PRIVATE KEY")) ==
        "catalogue file key.pem: it holds a private key, not a certificate");
  CHECK(with("noise.pem", to_pem(Bytes(9, 1)))
            .starts_with("catalogue file noise.pem: not an X.509 certificate"));
  CHECK(with("bad\x1b.pem", "").starts_with("catalogue file bad\\u{1b}.pem: "));
  CHECK(with("catalogue.json", "{").starts_with("catalogue file catalogue.json: is not a JSON object"));
  CHECK(with("catalogue.json", "[]").starts_with("catalogue file catalogue.json: is not a JSON object"));
  CHECK(with("catalogue.json", R"({"entries": [5]})") ==
        "catalogue file catalogue.json: \"entries\" holds something that is no object");
  CHECK(with("catalogue.json", R"({"entries": [{"slug": "nobody"}]})") ==
        "catalogue file catalogue.json: no certificate file for the slug \"nobody\"");
  CHECK(with("catalogue.json", R"({"entries": [{"slug": "older", "sha256": "00"}]})") ==
        "catalogue file catalogue.json: the SHA-256 of \"older\" is another one");
  CHECK(with("catalogue.json", R"({"entries": {}, "aia": 7, "date": []})") == "(a catalogue)");
  CHECK(with("notes.txt", "not looked at") == "(a catalogue)");
}

TEST_CASE("catalogue: from a folder") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(TEST_OUTPUT_FOLDER) / "catalogue";
  fs::remove_all(folder);
  fs::create_directories(folder / "inner.pem");  // a folder of that name is no file
  CHECK(Catalogue::from_directory(folder / "nowhere")
            .error()
            .detail.ends_with("is not a folder: give a folder of PEM files"));
  CHECK(Catalogue::from_directory(folder).error().detail.find("holds no .pem, .crt or .cer file") !=
        std::string::npos);
  const Family family;
  for (const File& file : family.files()) std::ofstream(folder / file.name, std::ios::binary) << file.content;
  const auto catalogue = Catalogue::from_directory(folder).value();
  std::vector<std::string> slugs;
  for (const KnownCa& ca : catalogue.all()) slugs.push_back(ca.slug);
  CHECK(slugs == std::vector<std::string>{"issuing", "newer-cross", "newer", "older"});  // by file name
}

TEST_CASE("catalogue: what fetching an address delivers") {
  SignatureChecker signatures;
  const auto certificate = [](std::string_view slug) { return built_in().find(slug)->certificate; };
  const auto delivered = [&](const Certificate& from) {
    std::set<std::string> slugs;
    for (const KnownCa* ca : built_in().aia_delivers(from, signatures)) slugs.insert(ca->slug);
    return slugs;
  };
  // The newer issuing CAs lead to the self-signed root, not to the cross certificate: fetching mends nothing.
  for (const char* slug :
       {"twca-ssl-ca-2023", "twca-ssl-ca-2024", "twca-evssl-ca-2023", "twca-evssl-ca-2024"}) {
    CAPTURE(std::string(slug));
    CHECK(delivered(*certificate(slug)) == std::set<std::string>{"twca-cyber-root-ca.self-signed"});
  }
  // On record, but not confirmed: nobody is said to get it.
  CHECK(delivered(*certificate("twca-secure-ssl-ca-2023g3")).empty());
  CHECK(delivered(*certificate("twca-cyber-root-ca.self-signed")).empty());  // no address in it
}

TEST_CASE("catalogue: a leaf's address delivers the CA that issued it") {
  SignatureChecker signatures;
  const Family family;
  const Catalogue catalogue = Catalogue::from_files(family.files()).value();
  const auto access = [](std::string_view address) {
    return [address = std::string(address)](Draft& d) {
      d.set({"1.3.6.1.5.5.7.1.1", false,
             der::sequence({der::sequence({der::oid("1.3.6.1.5.5.7.48.2"), uri(address)})})});
    };
  };
  const auto leaf = leaf_by(family.issuing, "www.example.tw", access("http://ca.example.tw/issuing.crt"));
  REQUIRE(leaf->aia_issuers.size() == 1);
  const auto delivered = catalogue.aia_delivers(*leaf, signatures);
  REQUIRE(delivered.size() == 1);
  CHECK(delivered.front()->slug == "issuing");
  CHECK(catalogue.aia_delivers(*leaf_by(family.issuing), signatures).empty());
  const auto of_another =
      leaf_by(TestCa{"Issuing CA"}, "www.example.tw", access("http://ca.example.tw/issuing.crt"));
  CHECK(catalogue.aia_delivers(*of_another, signatures).empty());
}
