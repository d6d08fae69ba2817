#pragma once

#include <gtest/gtest.h>

#include "catalog/dataset.hpp"

namespace zhili::catalog {

/// A catalogue with the data elements of `residents` and a law.
inline Catalog sample_catalog() {
  Catalog out;
  const Status added = out.add({"pack.yaml",
                                "id: sample\nversion: 0.1.0\ntitle: {zh: 样例, en: sample}\n"
                                "legal_basis:\n  - {id: law-1, title: 法}\n"},
                               {},
                               {{"people.yaml",
                                 "version: 1\nelements:\n"
                                 "  - {id: id_number, zh: 公民身份号码, en: ID number, type: id_number, grade: 4}\n"
                                 "  - {id: registered_address, zh: 户籍地址, en: Registered address, type: address, "
                                 "grade: 3, max_length: 200}\n"}});
  EXPECT_TRUE(added) << added.error().text();
  return out;
}

/// An entry without a mistake, for tests.
inline Dataset residents() {
  Dataset out;
  out.id = "police.residents";
  out.code = "306012/000001";
  out.title = {"常住人口登记", "Register of residents"};
  out.summary = "户籍登记的常住人口";
  out.provider = "police";
  out.format = "database";
  out.sharing = Sharing::kUnconditional;
  DatasetField number;
  number.id = "gmsfhm";
  number.title = {"公民身份号码", "ID number"};
  number.element = "id_number";
  number.type = ValueType::kIdNumber;
  number.grade = 4;
  number.key = number.required = true;
  DatasetField address;
  address.id = "hjdz";
  address.title = {"户籍地址", "Registered address"};
  address.element = "registered_address";
  address.type = ValueType::kAddress;
  address.grade = 3;
  out.fields = {number, address};
  return out;
}

}  // namespace zhili::catalog
