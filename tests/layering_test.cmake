# Includes may only point down: core (src without cli) <- probes, reports <- the executable (src/cli, src/main.cpp).
# Debian keeps all headers in one folder, so linking alone would not notice.
set(failures "")
function(forbid pattern) # forbid(REGEX FILES...)
  foreach(file IN LISTS ARGN)
    file(STRINGS ${file} lines REGEX "^ *# *include *[<\"]${pattern}")
    foreach(line IN LISTS lines)
      message(SEND_ERROR "${file}: ${line}")
    endforeach()
  endforeach()
endfunction()

file(GLOB_RECURSE core ${ROOT}/src/*.h ${ROOT}/src/*.cpp)
list(FILTER core EXCLUDE REGEX "/src/(cli/|main\\.cpp)")
file(GLOB_RECURSE probes ${ROOT}/probes/*.h ${ROOT}/probes/*.cpp)
file(GLOB_RECURSE reports ${ROOT}/reports/*.h ${ROOT}/reports/*.cpp)
list(LENGTH core count)
if(count LESS 10)
  message(FATAL_ERROR "only ${count} files of core found below ${ROOT}: nothing was checked")
endif()

forbid("(probes/|reports/|src/cli/)" ${core})
forbid("(boost/asio|boost/beast|ares\\.h|sys/socket|netinet/|arpa/|unistd\\.h|poll\\.h|windows\\.h|winsock|openssl/ssl)" ${core})
forbid("(reports/|src/cli/|src/findings/|src/paths/|src/report/)" ${probes})
forbid("(probes/|src/cli/|boost/asio|boost/beast|openssl/)" ${reports})
# OpenSSL stays behind the interfaces of core.
set(core_headers ${core})
list(FILTER core_headers INCLUDE REGEX "\\.h$")
list(FILTER core_headers EXCLUDE REGEX "(openssl_handles|x509/asn1_layout|x509/extensions|x509/name|x509/openssl_text)\\.h$") # for .cpp files
forbid("openssl/" ${core_headers})
