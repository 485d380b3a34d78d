package classroom.search;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.core.KeywordTokenizer;
import org.apache.lucene.analysis.core.WhitespaceTokenizer;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.PreConfiguredTokenFilter;
import org.elasticsearch.index.analysis.PreConfiguredTokenizer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.lucene.analysis.miscellaneous.DisableGraphAttribute;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * The part of Elasticsearch's bundled module analysis-common that an index of ours may use: Lucene's tokenizers and
 * filters under the names, parameters and defaults of the reference.
 *
 * <p>A stock server has them from its own module; tests/integration/search/test_elastic_analysis.py compares.
 */
public final class StockAnalysisPlugin extends Plugin implements AnalysisPlugin {
    private static final int MAX_TOKEN_LENGTH = 255;
    private static final int BUFFER_SIZE = 256;
    private static final Map<String, Integer> CJK_SCRIPTS =
            Map.of(
                    "han", CJKBigramFilter.HAN,
                    "hiragana", CJKBigramFilter.HIRAGANA,
                    "katakana", CJKBigramFilter.KATAKANA,
                    "hangul", CJKBigramFilter.HANGUL);

    @Override
    public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        return Map.of(
                "whitespace", (index, environment, name, settings) -> whitespace(name, settings),
                "keyword", (index, environment, name, settings) -> keyword(name, settings));
    }

    @Override
    public List<PreConfiguredTokenizer> getPreConfiguredTokenizers() {
        return List.of(
                PreConfiguredTokenizer.singleton("whitespace", WhitespaceTokenizer::new),
                PreConfiguredTokenizer.singleton("keyword", KeywordTokenizer::new));
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        return Map.of(
                "cjk_width", (index, environment, name, settings) -> filter(name, settings, CJKWidthFilter::new),
                "cjk_bigram", (index, environment, name, settings) -> filter(name, settings, bigrams(settings)),
                "edge_ngram", (index, environment, name, settings) -> filter(name, settings, beginnings(settings)));
    }

    /** By their bare names, without settings; edge_ngram then gives one character, not the one or two of its type. */
    @Override
    public List<PreConfiguredTokenFilter> getPreConfiguredTokenFilters() {
        return List.of(
                PreConfiguredTokenFilter.singleton("cjk_width", true, CJKWidthFilter::new),
                PreConfiguredTokenFilter.singleton("cjk_bigram", false, CJKBigramFilter::new),
                PreConfiguredTokenFilter.singleton(
                        "edge_ngram", false, false, input -> new EdgeNGramTokenFilter(input, 1)));
    }

    private static TokenizerFactory whitespace(String name, Settings settings) {
        int length = settings.getAsInt("max_token_length", MAX_TOKEN_LENGTH);
        return TokenizerFactory.newFactory(
                name, () -> new WhitespaceTokenizer(Tokenizer.DEFAULT_TOKEN_ATTRIBUTE_FACTORY, length));
    }

    private static TokenizerFactory keyword(String name, Settings settings) {
        int size = settings.getAsInt("buffer_size", BUFFER_SIZE);
        return TokenizerFactory.newFactory(name, () -> new KeywordTokenizer(size));
    }

    private static TokenFilterFactory filter(String name, Settings settings, UnaryOperator<TokenStream> wrap) {
        return new AbstractTokenFilterFactory(name, settings) {
            @Override
            public TokenStream create(TokenStream input) {
                return wrap.apply(input);
            }
        };
    }

    private static UnaryOperator<TokenStream> bigrams(Settings settings) {
        Set<String> scripts = new HashSet<>(CJK_SCRIPTS.keySet());
        scripts.removeAll(settings.getAsList("ignored_scripts"));
        int flags = scripts.stream().mapToInt(CJK_SCRIPTS::get).reduce(0, (some, one) -> some | one);
        boolean unigramsToo = settings.getAsBoolean("output_unigrams", false);
        return input -> {
            CJKBigramFilter filter = new CJKBigramFilter(input, flags, unigramsToo);
            if (unigramsToo) {
                // Characters and pairs overlap: a phrase must not be taken for a graph of all their paths.
                filter.addAttribute(DisableGraphAttribute.class);
            }
            return filter;
        };
    }

    private static UnaryOperator<TokenStream> beginnings(Settings settings) {
        int shortest = settings.getAsInt("min_gram", 1);
        int longest = settings.getAsInt("max_gram", 2);
        boolean whole = settings.getAsBoolean("preserve_original", false);
        return input -> new EdgeNGramTokenFilter(input, shortest, longest, whole);
    }
}
