using System.Text;
using System.Xml;

namespace CiliumLab.Help;

/// <summary>Builds a module's help from its pages: <c>CiliumLab.Help DOCS HELPFOLDER HELPFILE</c>.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        if (arguments is not [var docs, var target, var helpFile])
        {
            Console.Error.WriteLine("usage: CiliumLab.Help DOCS HELPFOLDER HELPFILE");
            return 64;
        }

        try
        {
            Directory.CreateDirectory(target);
            var written = new HashSet<string>(StringComparer.Ordinal) { helpFile };
            Write(Path.Combine(target, helpFile), Commands(docs));
            foreach (var about in Pages(docs).Where(IsAbout))
            {
                var name = Path.GetFileNameWithoutExtension(about) + ".help.txt";
                written.Add(name);
                Write(Path.Combine(target, name), AboutTopic.Render(File.ReadAllText(about)));
            }

            // A page that is gone must not be shown any longer.
            foreach (var stale in Directory.EnumerateFiles(target).Where(file => !written.Contains(Path.GetFileName(file))))
                File.Delete(stale);
            return 0;
        }
        catch (PageException error)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }

    private static string Commands(string docs)
    {
        var document = Maml.Document(Pages(docs).Where(page => !IsAbout(page)).Select(PageReader.Read));
        using var text = new StringWriter();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true }))
            document.Save(writer);
        return text.ToString();
    }

    private static IEnumerable<string> Pages(string docs) =>
        Directory.Exists(docs) ? Directory.EnumerateFiles(docs, "*.md").Order(StringComparer.Ordinal) : [];

    private static bool IsAbout(string page) => Path.GetFileName(page).StartsWith("about_", StringComparison.Ordinal);

    private static void Write(string file, string text)
    {
        if (!File.Exists(file) || File.ReadAllText(file) != text)
            File.WriteAllText(file, text, new UTF8Encoding(false));
    }
}
