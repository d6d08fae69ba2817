# room(NAME LAYER DEPS rooms… LIBS parts…)
#
# One folder src/NAME is one static library. Beside its sources lie *_test.cpp (GoogleTest, one program a room),
# *_bench.cpp (Google Benchmark) and *_fuzz.cpp (libFuzzer, one program a file).
#
# Layering is refused in three places:
#   here, where a dependency does not lie on a strictly lower layer;
#   at configure, where a file includes a room that DEPS does not name;
#   at build, by the same check before the room compiles; and an undeclared room's headers are not on the
#   include path unless a declared one brings them.
function(room NAME LAYER)
  cmake_parse_arguments(R "" "" "DEPS;LIBS" ${ARGN})
  list(REMOVE_ITEM R_DEPS "")
  set(dir "${CMAKE_SOURCE_DIR}/src/${NAME}")
  foreach(dep IN LISTS R_DEPS)
    get_property(dep_layer GLOBAL PROPERTY ZHILI_LAYER_${dep})
    if("${dep_layer}" STREQUAL "")
      message(FATAL_ERROR "room ${NAME}: depends on ${dep}, which is not declared above it")
    endif()
    if(NOT dep_layer LESS LAYER)
      message(FATAL_ERROR "room ${NAME} (layer ${LAYER}): may not depend on ${dep} (layer ${dep_layer})")
    endif()
  endforeach()
  set_property(GLOBAL PROPERTY ZHILI_LAYER_${NAME} ${LAYER})
  set_property(GLOBAL APPEND PROPERTY ZHILI_ROOMS ${NAME})

  string(REPLACE ";" "," deps_csv "${R_DEPS}")
  set(check ${CMAKE_COMMAND} -DROOM=${NAME} -DDIR=${dir} -DDEPS=${deps_csv} -DSRC=${CMAKE_SOURCE_DIR}/src
      -P ${CMAKE_SOURCE_DIR}/cmake/CheckIncludes.cmake)
  execute_process(COMMAND ${check} RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "room ${NAME}: layering refused, see above")
  endif()

  file(GLOB sources CONFIGURE_DEPENDS "${dir}/*.cpp")
  file(GLOB headers CONFIGURE_DEPENDS "${dir}/*.hpp")
  set(tests ${sources})
  set(benches ${sources})
  set(fuzzers ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|_fuzz|/main)\\.cpp$")

  # One include root a room, holding a link to that room alone.
  set(root "${CMAKE_BINARY_DIR}/rooms/${NAME}")
  file(MAKE_DIRECTORY "${root}")
  file(CREATE_LINK "${dir}" "${root}/${NAME}" SYMBOLIC)

  set(stamp "${CMAKE_BINARY_DIR}/rooms/${NAME}.checked")
  add_custom_command(OUTPUT "${stamp}"
    COMMAND ${check}
    COMMAND ${CMAKE_COMMAND} -E touch "${stamp}"
    DEPENDS ${sources} ${headers} ${tests} ${benches} ${fuzzers} "${CMAKE_SOURCE_DIR}/cmake/CheckIncludes.cmake"
    COMMENT "Layering of ${NAME}" VERBATIM)
  add_custom_target(${NAME}_layering DEPENDS "${stamp}")

  add_library(${NAME} STATIC ${sources})
  add_dependencies(${NAME} ${NAME}_layering)
  target_include_directories(${NAME} PUBLIC "${root}")
  target_link_libraries(${NAME} PUBLIC ${R_DEPS} ${R_LIBS})

  if(ZHILI_TESTS AND tests)
    add_executable(${NAME}_test ${tests})
    target_link_libraries(${NAME}_test PRIVATE ${NAME} GTest::gtest_main)
    target_compile_definitions(${NAME}_test PRIVATE ZHILI_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    set(properties TIMEOUT 300)
    # What stands on the store is tested on both of its engines; tests/CMakeLists.txt starts the server.
    if(NAME STREQUAL "store" OR "store" IN_LIST R_DEPS)
      list(APPEND properties FIXTURES_REQUIRED postgres
           ENVIRONMENT "ZHILI_TEST_POSTGRES=postgresql://zhili@/postgres?host=${ZHILI_TEST_POSTGRES_DIR}")
    endif()
    gtest_discover_tests(${NAME}_test DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
  endif()
  if(ZHILI_BENCHES AND benches)
    add_executable(${NAME}_bench ${benches})
    target_link_libraries(${NAME}_bench PRIVATE ${NAME} benchmark::benchmark_main)
  endif()
  if(ZHILI_FUZZERS)
    if(NOT TARGET fuzzers)
      add_custom_target(fuzzers)
    endif()
    foreach(fuzzer IN LISTS fuzzers)
      get_filename_component(fuzzer_name "${fuzzer}" NAME_WE)
      add_executable(${fuzzer_name} "${fuzzer}")
      target_link_libraries(${fuzzer_name} PRIVATE ${NAME} -fsanitize=fuzzer)
      add_dependencies(fuzzers ${fuzzer_name})
    endforeach()
  endif()
endfunction()

# program(NAME ROOM): the executable NAME from src/ROOM/main.cpp, linked with that room and all below it.
function(program NAME ROOM)
  add_executable(${NAME} "${CMAKE_SOURCE_DIR}/src/${ROOM}/main.cpp")
  target_link_libraries(${NAME} PRIVATE ${ROOM})
  set_target_properties(${NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}"
                        BUILD_RPATH "${ZHILI_DEPS}/duckdb")
endfunction()
