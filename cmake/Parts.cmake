# Third-party parts. Debian packages come from tools/setup; DuckDB lies under .deps/ (see tools/setup).
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(simdjson REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n)
find_package(SQLite3 3.40 REQUIRED)
find_package(PostgreSQL 15 REQUIRED)
find_package(OpenSSL 3 REQUIRED COMPONENTS Crypto SSL)
find_package(CURL 7.88 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)

find_path(ARGON2_INCLUDE_DIR argon2.h REQUIRED)
find_library(ARGON2_LIBRARY argon2 REQUIRED)
add_library(Argon2::Argon2 UNKNOWN IMPORTED)
set_target_properties(Argon2::Argon2 PROPERTIES
  IMPORTED_LOCATION "${ARGON2_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${ARGON2_INCLUDE_DIR}")

find_package(ZLIB REQUIRED)
find_path(BROTLI_INCLUDE_DIR brotli/encode.h REQUIRED)
find_library(BROTLI_LIBRARY brotlienc REQUIRED)
add_library(Brotli::encoder UNKNOWN IMPORTED)
set_target_properties(Brotli::encoder PROPERTIES
  IMPORTED_LOCATION "${BROTLI_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${BROTLI_INCLUDE_DIR}")

find_path(ZSTD_INCLUDE_DIR zstd.h REQUIRED)
find_library(ZSTD_LIBRARY zstd REQUIRED)
add_library(Zstd::zstd UNKNOWN IMPORTED)
set_target_properties(Zstd::zstd PROPERTIES
  IMPORTED_LOCATION "${ZSTD_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${ZSTD_INCLUDE_DIR}")

find_path(RE2_INCLUDE_DIR re2/re2.h REQUIRED)
find_library(RE2_LIBRARY re2 REQUIRED)
add_library(re2::re2 UNKNOWN IMPORTED)
set_target_properties(re2::re2 PROPERTIES
  IMPORTED_LOCATION "${RE2_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${RE2_INCLUDE_DIR}")

set(ZHILI_DEPS "${CMAKE_SOURCE_DIR}/.deps" CACHE PATH "Where tools/setup laid the parts that Debian lacks")
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION "${ZHILI_DEPS}/duckdb/libduckdb.so"
  IMPORTED_NO_SONAME FALSE
  INTERFACE_INCLUDE_DIRECTORIES "${ZHILI_DEPS}/duckdb")
if(NOT EXISTS "${ZHILI_DEPS}/duckdb/libduckdb.so")
  message(FATAL_ERROR "DuckDB is missing in ${ZHILI_DEPS}/duckdb: run tools/setup first (./run build does so).")
endif()

if(ZHILI_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
  enable_testing()
  # Where the tests' own PostgreSQL lies: a short path, as it holds a socket, and one for each build.
  string(SHA256 build_hash "${CMAKE_BINARY_DIR}")
  string(SUBSTRING "${build_hash}" 0 12 build_hash)
  set(ZHILI_TEST_POSTGRES_DIR "/tmp/zhili-postgres-${build_hash}")
endif()
if(ZHILI_BENCHES)
  find_package(benchmark REQUIRED)
endif()
