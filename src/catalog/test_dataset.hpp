#pragma once

#include "catalog/dataset.hpp"

namespace zhili::catalog {

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
