# One static library per room. Dependencies are stated where the room is, so that an include in the wrong direction does
# not link, and mostly does not compile.

add_library(punctum_warnings INTERFACE)
add_library(punctum::warnings ALIAS punctum_warnings)
if(NOT PUNCTUM_FUZZ)  # clang, which the fuzz targets need, has other warnings under the same names
  target_compile_options(punctum_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Werror)
endif()

# punctum_room(NAME SOURCES a.cpp b.cpp PUBLIC lib... PRIVATE lib...)
function(punctum_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(punctum_${name} STATIC ${ROOM_SOURCES})
  add_library(punctum::${name} ALIAS punctum_${name})
  target_compile_features(punctum_${name} PUBLIC cxx_std_20)
  target_include_directories(punctum_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(punctum_${name} PUBLIC ${ROOM_PUBLIC} PRIVATE punctum::warnings ${ROOM_PRIVATE})
endfunction()

# punctum_test(NAME LABEL label SOURCES a_test.cpp LIBRARIES lib... [TIMEOUT seconds])
# One executable; CTest sees it as one test with the label unit, integration, system or interop.
function(punctum_test name)
  cmake_parse_arguments(TEST "" "LABEL;TIMEOUT" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  add_executable(${name} ${TEST_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE punctum::warnings ${TEST_LIBRARIES} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE PUNCTUM_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                             PUNCTUM_SHARED_DATA="${PROJECT_SOURCE_DIR}/../shared/data"
                             PUNCTUM_PROGRAM="${PROJECT_BINARY_DIR}/punctum")
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${TEST_LABEL} TIMEOUT ${TEST_TIMEOUT}
                       ENVIRONMENT "OMP_NUM_THREADS=1;OMP_WAIT_POLICY=PASSIVE")
endfunction()
