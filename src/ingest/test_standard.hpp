#pragma once

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "catalog/catalog.hpp"
#include "catalog/dataset.hpp"
#include "ingest/standard.hpp"
#include "text/id_number.hpp"

/// A small dataset for this room's tests.
namespace zhili::ingest {

/// Adds the data elements of test_dataset() to a catalogue.
inline void add_test_elements(catalog::Catalog& catalog) {
  const Status added =
      catalog.add({"pack.yaml",
                   "id: ingest_sample\nversion: 0.1.0\ntitle: {zh: 样例, en: sample}\n"
                   "legal_basis:\n  - {id: law-1, title: 法}\n"},
                  {},
                  {{"people.yaml",
                    "version: 1\nelements:\n"
                    "  - {id: t_number, zh: 编号, en: number, type: text, grade: 3, pattern: 'P[0-9]+'}\n"
                    "  - {id: t_id_number, zh: 公民身份号码, en: ID number, type: id_number, grade: 4}\n"
                    "  - {id: t_name, zh: 姓名, en: name, type: person_name, grade: 3, max_length: 5}\n"
                    "  - {id: t_sex, zh: 性别, en: sex, type: category, grade: 2, codes: {男: {zh: 男, en: m}, 女: "
                    "{zh: 女, en: f}}}\n"
                    "  - {id: t_birth, zh: 出生日期, en: date of birth, type: date, grade: 3}\n"
                    "  - {id: t_phone, zh: 电话, en: telephone, type: phone, grade: 3}\n"
                    "  - {id: t_income, zh: 收入, en: income, type: number, grade: 4, min: 0, max: 100000}\n"}});
  EXPECT_TRUE(added) << added.error().text();
}

inline catalog::Catalog test_catalog() {
  catalog::Catalog out;
  add_test_elements(out);
  return out;
}

inline catalog::Dataset test_dataset() {
  catalog::Dataset out;
  out.id = "police.people";
  out.code = "306012/000009";
  out.title = {"样例人口", "Sample of people"};
  out.summary = "测试用";
  out.provider = "police";
  out.format = "csv";
  out.sharing = catalog::Sharing::kUnconditional;
  const auto add = [&](std::string id, std::string column, std::string element, catalog::ValueType type) {
    catalog::DatasetField field;
    field.id = std::move(id);
    field.column = std::move(column);
    field.element = std::move(element);
    field.title = {field.column, field.id};
    field.type = type;
    field.grade = 4;
    out.fields.push_back(std::move(field));
  };
  using catalog::ValueType;
  add("number", "编号", "t_number", ValueType::kText);
  add("id_number", "身份号码", "t_id_number", ValueType::kIdNumber);
  add("name", "姓名", "t_name", ValueType::kPersonName);
  add("sex", "性别", "t_sex", ValueType::kCategory);
  add("birth", "出生日期", "t_birth", ValueType::kDate);
  add("phone", "电话", "t_phone", ValueType::kPhone);
  add("income", "收入", "t_income", ValueType::kNumber);
  out.fields[0].key = out.fields[0].required = true;
  out.fields[2].required = true;
  out.rules = {{"born", {"已出生", "was born"}, "birth <= today", true},
               {"same-birth", {"生日一致", "same birth"}, "birth_of(id_number) = birth", false}};
  return out;
}

inline Standard test_standard() {
  auto made = Standard::create(test_dataset(), test_catalog());
  EXPECT_TRUE(made) << made.error().text();
  return std::move(*made);
}

inline std::string test_id(std::string first17) {
  first17 += text::id_check_digit(first17);
  return first17;
}

inline const std::string header_line = "编号,身份号码,姓名,性别,出生日期,电话,收入\n";
inline const std::string sound_row =
    "P1," + test_id("99010119900101123") + ",张三丰,男,1990-01-01,13800001111,1200.5\n";

}  // namespace zhili::ingest
