# The commit that is built, refreshed at each build, without rebuilding anything but one small file.
set(CAUCUS_COMMIT_SOURCE ${CMAKE_BINARY_DIR}/git_commit.c)
add_custom_target(caucus_commit BYPRODUCTS ${CAUCUS_COMMIT_SOURCE}
  COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_SOURCE_DIR} -DOUTPUT=${CAUCUS_COMMIT_SOURCE}
    -P ${CMAKE_SOURCE_DIR}/cmake/write-commit.cmake)
