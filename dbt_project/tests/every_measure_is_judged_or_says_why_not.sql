-- Fails with a measure of the catalogue of which nobody said by what it is judged before it is published: it would be published unjudged.
select distinct named.measure
from {{ ref('int_measures') }} as named
left join {{ ref('disclosure_measures') }} as judged on named.measure = judged.measure
where judged.measure is null or judged.reason is null
