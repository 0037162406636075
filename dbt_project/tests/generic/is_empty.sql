{#- Fails where a model that lists failures has a row. -#}
{% test is_empty(model) %}
select 1 as failure
from {{ model }}
{% endtest %}
