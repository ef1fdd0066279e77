#include "base/output.h"

#include "base/claim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static caucus_status write_file(const char *path, caucus_status (*write)(const void *context, FILE *to),
                                const void *context)
{
    FILE *to = fopen(path, "wxe");
    if (to == NULL) {
        return caucus_fail(CAUCUS_FAILED, "cannot make %s: %s", path, strerror(errno));
    }
    caucus_status status = write(context, to);
    const bool failed = ferror(to) != 0;
    if (fclose(to) != 0 || failed) {
        status =
            status != CAUCUS_OK ? status : caucus_fail(CAUCUS_FAILED, "cannot write %s: %s", path, strerror(errno));
    }
    return status;
}

caucus_status caucus_output_write(const char *path, bool force, caucus_status (*write)(const void *context, FILE *to),
                                  const void *context)
{
    caucus_claim *claim = NULL;
    char *temporary = NULL;
    TRY(caucus_claim_check_place(path));
    TRY(force ? CAUCUS_OK : caucus_claim_check_free(path));
    TRY(caucus_claim_open(path, &claim));
    caucus_status status = caucus_claim_temporary(claim, &temporary);
    if (status == CAUCUS_OK) {
        status = caucus_claim_publish(claim, write_file(temporary, write, context), force, NULL);
    }
    free(temporary);
    caucus_claim_close(claim);
    return status;
}
