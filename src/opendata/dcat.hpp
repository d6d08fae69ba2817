#pragma once

#include <string>
#include <vector>

#include "opendata/publications.hpp"
#include "opendata/search.hpp"

/// The open data of an installation as a catalogue of DCAT 3 (W3C, 2024), for harvesters.
namespace zhili::opendata {

struct CatalogInfo {
  std::string base;  ///< Begins all addresses, without a slash at its end: "https://data.example".
  catalog::Title title;
};

/// JSON-LD (1.1), with its context in it.
std::string to_jsonld(const std::vector<Publication>& all, const CatalogInfo& info, const Names& providers);
/// RDF/XML (1.1).
std::string to_rdf(const std::vector<Publication>& all, const CatalogInfo& info, const Names& providers);

/// Where a version's file is: "/api/v1/open/datasets/ID/files/csv". Of the newest version.
std::string file_path(std::string_view publication, std::string_view format);
/// The address of a licence; empty where it has none.
std::string_view licence_url(std::string_view licence);

}  // namespace zhili::opendata
