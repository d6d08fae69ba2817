#include <string_view>

#include <benchmark/benchmark.h>

#include "text/address.hpp"
#include "text/confusable.hpp"
#include "text/credit_code.hpp"
#include "text/date.hpp"
#include "text/fold.hpp"
#include "text/id_number.hpp"
#include "text/person_name.hpp"
#include "text/phone.hpp"
#include "text/phonetic.hpp"

namespace zhili::text {
namespace {

template <class Work>
void repeat(benchmark::State& state, Work work) {
  for (auto _ : state) benchmark::DoNotOptimize(work());
  state.SetItemsProcessed(state.iterations());
}

#define ZHILI_BENCH(name, expression)         \
  void name(benchmark::State& state) {        \
    repeat(state, [] { return expression; }); \
  }                                           \
  BENCHMARK(name)

ZHILI_BENCH(fold_ascii, fold("Elizabeth  JONES-Smith"));
ZHILI_BENCH(fold_name, fold("歐陽　修"));
ZHILI_BENCH(fold_address, fold("浙江省杭州市西湖區文三路３００號３號樓２單元５０１室"));
ZHILI_BENCH(date_iso, parse_date("1985-03-12"));
ZHILI_BENCH(date_packed, parse_date("19850312"));
ZHILI_BENCH(date_chinese, parse_date("一九八五年三月十二日"));
ZHILI_BENCH(phone, standardise_phone("+86 138-1234-5678"));
ZHILI_BENCH(id_number, parse_id_number("11010519491231002X"));
ZHILI_BENCH(id_number_15, parse_id_number("110105491231002"));
ZHILI_BENCH(credit_code, parse_credit_code("91350100M000100Y43"));
ZHILI_BENCH(chinese_name, parse_chinese_name("張三丰 先生"));
ZHILI_BENCH(latin_name, standardise_latin_name("Dr. Elizabeth Jones-Smith, PhD"));
ZHILI_BENCH(soundex_code, soundex("Washington"));
ZHILI_BENCH(metaphone_code, metaphone("Washington"));
ZHILI_BENCH(look_alike_pair, look_alike(U'侯', U'候'));
ZHILI_BENCH(sound_alike_pair, sound_alike(U'张', U'章'));
ZHILI_BENCH(address_short, parse_address("文三路300号3-2-501", DivisionTable::national()));
ZHILI_BENCH(address_full, parse_address("浙江省杭州市西湖区文三路300号3号楼2单元501室", DivisionTable::national()));
ZHILI_BENCH(address_without_province,
            parse_address("西湖区北山街道文三路300号阳光花园3号楼2单元501室", DivisionTable::national()));

}  // namespace
}  // namespace zhili::text
