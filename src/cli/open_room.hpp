#pragma once

#include <memory>

#include "cli/installation.hpp"
#include "opendata/harvest.hpp"
#include "opendata/publications.hpp"
#include "opendata/uses.hpp"
#include "opendata/wishes.hpp"

namespace zhili::cli {

/// The room `opendata`, bound to one installation. Installation and door outlive it.
struct OpenRoom {
  OpenRoom(Installation& installation, vault::Door& door, std::shared_ptr<const vault::Rules> rules)
      : publications({installation.store(), installation.log(), installation.catalog(), installation.registry(),
                      installation.lake(), door, installation.entropy(), installation.settings().area_id},
                     std::move(rules)),
        wishes(publications),
        harvests(publications),
        uses(installation.store(), installation.settings().area_id) {}

  opendata::Publications publications;
  opendata::Wishes wishes;
  opendata::Harvests harvests;
  opendata::Uses uses;
};

}  // namespace zhili::cli
