# SPDX-License-Identifier: Apache-2.0
# cmake -DCXX=… -DINCLUDE=… -DSOURCE=… [-DFLAGS=…] -DWANT=regex -P check.cmake: the source must not compile, and the compiler must say WANT. Without
# WANT it must compile: proof that the others fail for their own reason.
execute_process(COMMAND ${CXX} -std=c++20 -fsyntax-only -Wall -Wextra -Wno-missing-field-initializers ${FLAGS} -I${INCLUDE} ${SOURCE}
                RESULT_VARIABLE failed OUTPUT_VARIABLE text ERROR_VARIABLE text)
if(NOT DEFINED WANT)
  if(failed)
    message(FATAL_ERROR "${SOURCE} must compile:\n${text}")
  endif()
elseif(NOT failed)
  message(FATAL_ERROR "${SOURCE} must not compile")
elseif(NOT text MATCHES "${WANT}")
  message(FATAL_ERROR "${SOURCE}: no \"${WANT}\" in:\n${text}")
endif()
