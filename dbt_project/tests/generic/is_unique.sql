{#- Fails where a key has more than one row: then a join on it would count a score twice. -#}
{% test is_unique(model, key) %}
select {{ key | join(', ') }}
from {{ model }}
group by {{ key | join(', ') }}
having count(*) > 1
{% endtest %}
