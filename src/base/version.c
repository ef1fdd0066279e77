#include "caucus.h"

const char *caucus_version(void)
{
    return CAUCUS_VERSION;
}
