-- Fails with a measure of the catalogue of which nobody said by what it is judged before it is published: it would be published unjudged.
with named as (
    select catalogue.numerator as measure
    from {{ ref('indicators') }} as catalogue
    where catalogue.numerator is not null
    union
    select catalogue.denominator as measure
    from {{ ref('indicators') }} as catalogue
    where catalogue.denominator is not null
)

select named.measure
from named
left join {{ ref('disclosure_measures') }} as judged on named.measure = judged.measure
where judged.measure is null or judged.reason is null
