/* Numbers in words. */
#include "advice/print.h"

#include <math.h>

void caucus_advice_number(double bound, char text[CAUCUS_ADVICE_NUMBER])
{
    if (isnan(bound)) {
        snprintf(text, CAUCUS_ADVICE_NUMBER, "-");
    } else {
        snprintf(text, CAUCUS_ADVICE_NUMBER, fabs(bound) < 1000 ? "%.4f" : "%.4g", bound);
    }
}
