module.exports = (config) => { config.addPassthroughCopy({ "./public/": "/" }); };
