select
    programme,
    name_vi,
    kind,
    ceiling,
    ceiling_note,
    interest_rate,
    legal_basis,
    valid_from,
    valid_to,
    provenance
from {{ ref('programmes') }}
