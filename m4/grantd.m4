# Checks that end in one line for each missing thing, with the package that
# has it.  All of them are made before configure gives up.

# GRANTD_MISSING(what, Debian package, OpenBSD package)
AC_DEFUN([GRANTD_MISSING],
[AS_VAR_APPEND([grantd_missing],
    ["missing: $1 (Debian: $2; OpenBSD: $3)
"])])

# GRANTD_PKG(variable prefix, module, minimum, fallback libraries)
# Sets PREFIX_CFLAGS and PREFIX_LIBS, from the environment when given there,
# else from pkg-config, else from the fallback.
AC_DEFUN([GRANTD_PKG],
[AC_ARG_VAR([$1][_CFLAGS], [compiler flags for $2, instead of pkg-config's])
AC_ARG_VAR([$1][_LIBS], [linker flags for $2, instead of pkg-config's])
AC_MSG_CHECKING([for $2])
AS_IF([test -n "$[]$1[]_LIBS"], [AC_MSG_RESULT([given: $[]$1[]_LIBS])],
    [test -n "$PKG_CONFIG" && $PKG_CONFIG --exists "$2 >= $3"],
    [$1[]_CFLAGS=`$PKG_CONFIG --cflags $2`
    $1[]_LIBS=`$PKG_CONFIG --libs $2`
    AC_MSG_RESULT([yes, $($PKG_CONFIG --modversion $2)])],
    [$1[]_LIBS="$4"
    AC_MSG_RESULT([unknown to pkg-config, trying ${$1[]_LIBS:-nothing}])])])

# GRANTD_LINK(compiler flags, libraries, headers, body, what, Debian package,
#     OpenBSD package)
AC_DEFUN([GRANTD_LINK],
[AC_MSG_CHECKING([whether $5 works])
grantd_save_CPPFLAGS=$CPPFLAGS
grantd_save_LIBS=$LIBS
CPPFLAGS="$CPPFLAGS $1"
LIBS="$2 $LIBS"
AC_LINK_IFELSE([AC_LANG_PROGRAM([#include <stddef.h>
$3], [$4])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
    GRANTD_MISSING([$5], [$6], [$7])])
CPPFLAGS=$grantd_save_CPPFLAGS
LIBS=$grantd_save_LIBS])

# GRANTD_FLAG(variable, compiler or linker flag): appended if it is taken
# without a word.
AC_DEFUN([GRANTD_FLAG],
[AC_MSG_CHECKING([whether the compiler takes $2])
grantd_save_CFLAGS=$CFLAGS
CFLAGS="$CFLAGS -Werror $2"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]],
    [[char b[64]; memset(b, 0, sizeof(b)); return (b[1]);]])],
    [AC_MSG_RESULT([yes])
    AS_VAR_APPEND([$1], [" $2"])],
    [AC_MSG_RESULT([no])])
CFLAGS=$grantd_save_CFLAGS])
