const page = <div className="a" {...props}>text {name}<Item key={1}><b/></Item></div>;
