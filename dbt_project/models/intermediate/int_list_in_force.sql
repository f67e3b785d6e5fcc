-- approved in December, in force the whole following year
select
    standard,
    year as list_year,
    year + 1 as year
from {{ ref('int_review_year') }}
where is_headline
