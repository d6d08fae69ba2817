# Warnings, speed and sanitizers, the same for every room.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                    -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Clang reports what GCC 12's own headers use of deprecated parts.
  add_compile_options(-Wno-unused-command-line-argument -Wno-deprecated-declarations)
endif()
# -g1 keeps function names and lines for profiles and crash reports at a third of the size of -g.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
# x86-64-v2 (SSE4.2, POPCNT) is the floor: every server since 2009 has it.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  if(ZHILI_NATIVE)
    add_compile_options(-march=native)
  else()
    add_compile_options(-march=x86-64-v2)
  endif()
endif()

if(ZHILI_SANITIZE)
  add_compile_options(-fsanitize=${ZHILI_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ZHILI_SANITIZE})
endif()
if(ZHILI_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(ZHILI_CCACHE ccache)
if(ZHILI_CCACHE)
  # Paths below the source folder count relative to it, so that one clone or worktree gains from what another compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=true
      "${ZHILI_CCACHE}")
endif()
find_program(ZHILI_MOLD mold)
if(ZHILI_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
