namespace CiliumLab.Help;

/// <summary>A page does not keep to the schema; the message is in the form that MSBuild shows as an error of that file.</summary>
public sealed class PageException(string file, int line, string problem) : Exception($"{file}({line}): error HELP001: {problem}");
