function parcelState(number) {
  var states = ["on its way", "in the delivery van", "waiting at the Station shop"];
  var last = parseInt(String(number).slice(-1), 10) || 0;
  return states[last % states.length];
}

function parcelPrice(kilograms) {
  var weight = Number(kilograms) || 0;
  return (4 + Math.ceil(weight) * 0.8).toFixed(2);
}
